/** Where a file or folder of a pod comes from. */
export interface Mount {
  readonly configMap: string;
  /** The one key that is mounted; all without. */
  readonly key?: string;
}

/** What a pod of one container runs. */
export interface PodOptions {
  readonly image: string;
  readonly args: readonly string[];
  /** Path and port that answer once it is ready. */
  readonly ready: { readonly path: string; readonly port: number };
  /** What is mounted, by its path. A ConfigMap is mounted once. */
  readonly mounts: Readonly<Record<string, Mount>>;
}

/** A pod with a ServiceAccount of its own name and a folder to write to at `/data`, which passes Pod Security restricted. */
export function restrictedPod(name: string, namespace: string, { image, args, ready, mounts }: PodOptions): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/name': name } },
    spec: {
      serviceAccountName: name,
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65534,
        fsGroup: 65534,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name,
          image,
          args,
          readinessProbe: { httpGet: ready, periodSeconds: 2 },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          volumeMounts: [
            { name: 'data', mountPath: '/data' },
            ...Object.entries(mounts).map(([mountPath, { configMap, key }]) => ({
              name: configMap,
              mountPath,
              ...(key === undefined ? {} : { subPath: key }),
            })),
          ],
        },
      ],
      volumes: [
        { name: 'data', emptyDir: {} },
        ...Object.values(mounts).map(({ configMap }) => ({ name: configMap, configMap: { name: configMap } })),
      ],
    },
  };
}

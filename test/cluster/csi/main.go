// Command csi-folder is a CSI driver for tests: volumes and snapshots are plain folders of the node that it runs on.
package main

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

func main() {
	log.SetFlags(log.Ltime | log.Lmicroseconds)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	name := flag.String("driver-name", "disk.csi.azure.com", "name of the driver that this one stands in for")
	nodeID := flag.String("node-id", "", "name of the node that the driver runs on")
	data := flag.String("data", "", "folder that holds the volumes and the snapshots")
	socket := flag.String("socket", "", "path of the CSI socket")
	registrationDir := flag.String("registration-dir", "", "plugins_registry folder of the kubelet; empty: do not register")
	flag.Parse()
	if *name == "" || *nodeID == "" || *data == "" || *socket == "" {
		return errors.New("--driver-name, --node-id, --data and --socket must not be empty")
	}

	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	store, err := openStore(*data)
	if err != nil {
		return err
	}
	failed := make(chan error, 3)

	driver := newServer()
	// A copy under way is not waited for: it dies with the driver, and counts for nothing.
	defer driver.Stop()
	csi.RegisterIdentityServer(driver, &identity{name: *name})
	csi.RegisterControllerServer(driver, &controller{store: store})
	csi.RegisterNodeServer(driver, &node{id: *nodeID, volumes: store.volumes})
	if err := serve(driver, *socket, failed); err != nil {
		return err
	}

	if *registrationDir != "" {
		// The kubelet does not share the working folder of the driver.
		endpoint, err := filepath.Abs(*socket)
		if err != nil {
			return err
		}
		registrar := newServer()
		defer registrar.Stop()
		registration.RegisterRegistrationServer(registrar, &registrationServer{name: *name, endpoint: endpoint, failed: failed})
		if err := serve(registrar, filepath.Join(*registrationDir, *name+"-reg.sock"), failed); err != nil {
			return err
		}
	}

	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return err
	}
}

func newServer() *grpc.Server {
	return grpc.NewServer(grpc.UnaryInterceptor(reportErrors))
}

// reportErrors lets handlers return plain errors, which would reach the sidecars as Unknown, and logs them all, because
// the sidecars show them only as events.
func reportErrors(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	response, err := handle(ctx, request)
	if err == nil {
		return response, nil
	}
	log.Printf("%s: %v", info.FullMethod, err)
	if status.Code(err) == codes.Unknown {
		err = status.Error(codes.Internal, err.Error())
	}
	return nil, err
}

func serve(server *grpc.Server, path string, failed chan<- error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	// A killed run leaves its socket behind, which the next could not listen on.
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == fs.ModeSocket {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	go func() { failed <- server.Serve(listener) }()
	return nil
}

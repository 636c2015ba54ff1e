package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// node does not take the lock of the store, so that pods start while a snapshot is being copied.
type node struct {
	csi.UnimplementedNodeServer
	mutex   sync.Mutex
	id      string
	volumes shelf
}

func (n *node) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: n.id}, nil
}

func (n *node) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	return &csi.NodeGetCapabilitiesResponse{}, nil
}

func (n *node) NodePublishVolume(_ context.Context, request *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	id, target := request.GetVolumeId(), request.GetTargetPath()
	if id == "" || target == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id or target path is missing")
	}
	if err := supported(request.GetVolumeCapability()); err != nil {
		return nil, err
	}
	if _, err := n.volumes.get(id); errors.Is(err, fs.ErrNotExist) {
		return nil, status.Errorf(codes.NotFound, "volume %q does not exist", id)
	} else if err != nil {
		return nil, err
	}

	n.mutex.Lock()
	defer n.mutex.Unlock()
	return &csi.NodePublishVolumeResponse{}, bind(n.volumes.folder(id), target, request.GetReadonly())
}

func (n *node) NodeUnpublishVolume(_ context.Context, request *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	target := request.GetTargetPath()
	if request.GetVolumeId() == "" || target == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id or target path is missing")
	}

	n.mutex.Lock()
	defer n.mutex.Unlock()
	return &csi.NodeUnpublishVolumeResponse{}, unbind(target)
}

func bind(folder, target string, readOnly bool) error {
	if err := os.MkdirAll(target, 0o750); err != nil {
		return err
	}
	source, err := os.Stat(folder)
	if err != nil {
		return err
	}
	current, err := os.Stat(target)
	if err != nil {
		return err
	}
	if !os.SameFile(source, current) {
		if err := unix.Mount(folder, target, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount %s at %s: %w", folder, target, err)
		}
	}
	if readOnly {
		// Linux ignores the flag on the first mount. Also for one that exists already: a killed run may have come only that far.
		if err := unix.Mount("", target, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
			return fmt.Errorf("make %s read-only: %w", target, err)
		}
	}
	return nil
}

func unbind(target string) error {
	// EINVAL: nothing is mounted there.
	err := unix.Unmount(target, unix.UMOUNT_NOFOLLOW)
	if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("unmount %s: %w", target, err)
	}
	// Never RemoveAll: were the volume still mounted, it would go through to its files.
	if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

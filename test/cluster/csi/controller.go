package main

import (
	"context"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type controller struct {
	csi.UnimplementedControllerServer
	store *store
}

func (c *controller) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	response := &csi.ControllerGetCapabilitiesResponse{}
	for _, capability := range []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_LIST_VOLUMES,
		csi.ControllerServiceCapability_RPC_CLONE_VOLUME,
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
		csi.ControllerServiceCapability_RPC_LIST_SNAPSHOTS,
	} {
		response.Capabilities = append(response.Capabilities, &csi.ControllerServiceCapability{
			Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: capability}},
		})
	}
	return response, nil
}

// supported refuses what the real driver refuses for a file system: sharing between nodes.
func supported(capability *csi.VolumeCapability) error {
	if capability.GetMount() == nil {
		return status.Error(codes.InvalidArgument, "only file system volumes are supported")
	}
	switch mode := capability.GetAccessMode().GetMode(); mode {
	case csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER,
		csi.VolumeCapability_AccessMode_SINGLE_NODE_READER_ONLY,
		csi.VolumeCapability_AccessMode_SINGLE_NODE_SINGLE_WRITER,
		csi.VolumeCapability_AccessMode_SINGLE_NODE_MULTI_WRITER:
		return nil
	default:
		return status.Errorf(codes.InvalidArgument, "access mode %s is not supported", mode)
	}
}

func allSupported(capabilities []*csi.VolumeCapability) error {
	if len(capabilities) == 0 {
		return status.Error(codes.InvalidArgument, "volume capabilities are missing")
	}
	for _, capability := range capabilities {
		if err := supported(capability); err != nil {
			return err
		}
	}
	return nil
}

func checkName(name string) error {
	if !validID.MatchString(name) {
		return status.Errorf(codes.InvalidArgument, "name %q does not match %s", name, validID)
	}
	return nil
}

// A token names the last entry of a page and not its position, so that deletions between pages hide nothing.
const tokenPrefix = "after:"

func page(records []record, token string, limit int32) (entries []record, next string, err error) {
	if limit < 0 {
		return nil, "", status.Error(codes.InvalidArgument, "max_entries is negative")
	}
	last, valid := strings.CutPrefix(token, tokenPrefix)
	if token != "" && !valid {
		return nil, "", status.Errorf(codes.Aborted, "starting token %q is invalid", token)
	}
	for _, r := range records {
		if r.ID <= last {
			continue
		}
		if limit > 0 && len(entries) == int(limit) {
			return entries, tokenPrefix + entries[limit-1].ID, nil
		}
		entries = append(entries, r)
	}
	return entries, "", nil
}

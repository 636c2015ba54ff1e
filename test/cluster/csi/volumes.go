package main

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// defaultSize is for requests that name none. Sizes are only kept and compared: nothing limits what a folder holds.
const defaultSize = 1 << 30

func (c *controller) CreateVolume(_ context.Context, request *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	if err := checkName(request.GetName()); err != nil {
		return nil, err
	}
	if err := allSupported(request.GetVolumeCapabilities()); err != nil {
		return nil, err
	}
	required, limit := request.GetCapacityRange().GetRequiredBytes(), request.GetCapacityRange().GetLimitBytes()
	if required < 0 || limit < 0 || limit > 0 && required > limit {
		return nil, status.Error(codes.InvalidArgument, "the capacity range is invalid")
	}
	wanted := record{
		ID:             request.GetName(),
		Created:        time.Now(),
		SourceVolume:   request.GetVolumeContentSource().GetVolume().GetVolumeId(),
		SourceSnapshot: request.GetVolumeContentSource().GetSnapshot().GetSnapshotId(),
	}

	c.store.Lock()
	defer c.store.Unlock()
	existing, err := c.store.volumes.get(wanted.ID)
	if err == nil {
		if existing.Size < required || limit > 0 && existing.Size > limit {
			return nil, status.Errorf(codes.AlreadyExists, "volume %s exists with %d bytes", existing.ID, existing.Size)
		}
		if existing.SourceVolume != wanted.SourceVolume || existing.SourceSnapshot != wanted.SourceSnapshot {
			return nil, status.Errorf(codes.AlreadyExists, "volume %s exists with another source", existing.ID)
		}
		return &csi.CreateVolumeResponse{Volume: toVolume(existing)}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}

	folder, sourceSize, err := c.source(request.GetVolumeContentSource())
	if err != nil {
		return nil, err
	}
	wanted.Size = required
	if wanted.Size == 0 {
		wanted.Size = sourceSize
	}
	if wanted.Size == 0 {
		wanted.Size = defaultSize
	}
	if wanted.Size < sourceSize {
		return nil, status.Errorf(codes.OutOfRange, "%d bytes are less than the %d of the source", wanted.Size, sourceSize)
	}
	if limit > 0 && wanted.Size > limit {
		return nil, status.Errorf(codes.OutOfRange, "%d bytes are more than the limit of %d", wanted.Size, limit)
	}
	if err := c.store.volumes.create(wanted, folder); err != nil {
		return nil, err
	}
	return &csi.CreateVolumeResponse{Volume: toVolume(wanted)}, nil
}

// source finds the folder to copy; there is none for an empty volume.
func (c *controller) source(content *csi.VolumeContentSource) (folder string, size int64, err error) {
	var from shelf
	var id string
	switch {
	case content == nil:
		return "", 0, nil
	case content.GetSnapshot() != nil:
		from, id = c.store.snapshots, content.GetSnapshot().GetSnapshotId()
	case content.GetVolume() != nil:
		from, id = c.store.volumes, content.GetVolume().GetVolumeId()
	default:
		return "", 0, status.Error(codes.InvalidArgument, "the content source is of an unknown type")
	}
	r, err := from.get(id)
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, status.Errorf(codes.NotFound, "source %q does not exist", id)
	}
	return from.folder(id), r.Size, err
}

func (c *controller) DeleteVolume(_ context.Context, request *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	if request.GetVolumeId() == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id is missing")
	}
	c.store.Lock()
	defer c.store.Unlock()
	return &csi.DeleteVolumeResponse{}, c.store.volumes.delete(request.GetVolumeId())
}

func (c *controller) ValidateVolumeCapabilities(_ context.Context, request *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	if request.GetVolumeId() == "" || len(request.GetVolumeCapabilities()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "volume id or capabilities are missing")
	}
	if _, err := c.store.volumes.get(request.GetVolumeId()); errors.Is(err, fs.ErrNotExist) {
		return nil, status.Errorf(codes.NotFound, "volume %q does not exist", request.GetVolumeId())
	} else if err != nil {
		return nil, err
	}
	if err := allSupported(request.GetVolumeCapabilities()); err != nil {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: err.Error()}, nil
	}
	return &csi.ValidateVolumeCapabilitiesResponse{Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{
		VolumeCapabilities: request.GetVolumeCapabilities(),
	}}, nil
}

func (c *controller) ListVolumes(_ context.Context, request *csi.ListVolumesRequest) (*csi.ListVolumesResponse, error) {
	c.store.Lock()
	defer c.store.Unlock()
	records, err := c.store.volumes.list()
	if err != nil {
		return nil, err
	}
	entries, next, err := page(records, request.GetStartingToken(), request.GetMaxEntries())
	if err != nil {
		return nil, err
	}
	response := &csi.ListVolumesResponse{NextToken: next}
	for _, r := range entries {
		response.Entries = append(response.Entries, &csi.ListVolumesResponse_Entry{Volume: toVolume(r)})
	}
	return response, nil
}

func toVolume(r record) *csi.Volume {
	volume := &csi.Volume{VolumeId: r.ID, CapacityBytes: r.Size}
	switch {
	case r.SourceSnapshot != "":
		volume.ContentSource = &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Snapshot{
			Snapshot: &csi.VolumeContentSource_SnapshotSource{SnapshotId: r.SourceSnapshot},
		}}
	case r.SourceVolume != "":
		volume.ContentSource = &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Volume{
			Volume: &csi.VolumeContentSource_VolumeSource{VolumeId: r.SourceVolume},
		}}
	}
	return volume
}

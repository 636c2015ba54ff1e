package main

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func (c *controller) CreateSnapshot(_ context.Context, request *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	if err := checkName(request.GetName()); err != nil {
		return nil, err
	}
	source := request.GetSourceVolumeId()
	if source == "" {
		return nil, status.Error(codes.InvalidArgument, "source volume id is missing")
	}

	c.store.Lock()
	defer c.store.Unlock()
	// Before the source is looked for: a snapshot outlives its volume.
	existing, err := c.store.snapshots.get(request.GetName())
	if err == nil {
		if existing.SourceVolume != source {
			return nil, status.Errorf(codes.AlreadyExists, "snapshot %s exists of volume %s", existing.ID, existing.SourceVolume)
		}
		return &csi.CreateSnapshotResponse{Snapshot: toSnapshot(existing)}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}

	volume, err := c.store.volumes.get(source)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, status.Errorf(codes.NotFound, "volume %q does not exist", source)
	}
	if err != nil {
		return nil, err
	}
	snapshot := record{ID: request.GetName(), Size: volume.Size, Created: time.Now(), SourceVolume: source}
	if err := c.store.snapshots.create(snapshot, c.store.volumes.folder(source)); err != nil {
		return nil, err
	}
	return &csi.CreateSnapshotResponse{Snapshot: toSnapshot(snapshot)}, nil
}

func (c *controller) DeleteSnapshot(_ context.Context, request *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	if request.GetSnapshotId() == "" {
		return nil, status.Error(codes.InvalidArgument, "snapshot id is missing")
	}
	c.store.Lock()
	defer c.store.Unlock()
	return &csi.DeleteSnapshotResponse{}, c.store.snapshots.delete(request.GetSnapshotId())
}

func (c *controller) ListSnapshots(_ context.Context, request *csi.ListSnapshotsRequest) (*csi.ListSnapshotsResponse, error) {
	c.store.Lock()
	defer c.store.Unlock()
	records, err := c.store.snapshots.list()
	if err != nil {
		return nil, err
	}
	id, source := request.GetSnapshotId(), request.GetSourceVolumeId()
	var matching []record
	for _, r := range records {
		if (id == "" || r.ID == id) && (source == "" || r.SourceVolume == source) {
			matching = append(matching, r)
		}
	}
	entries, next, err := page(matching, request.GetStartingToken(), request.GetMaxEntries())
	if err != nil {
		return nil, err
	}
	response := &csi.ListSnapshotsResponse{NextToken: next}
	for _, r := range entries {
		response.Entries = append(response.Entries, &csi.ListSnapshotsResponse_Entry{Snapshot: toSnapshot(r)})
	}
	return response, nil
}

func toSnapshot(r record) *csi.Snapshot {
	return &csi.Snapshot{
		SnapshotId:     r.ID,
		SourceVolumeId: r.SourceVolume,
		SizeBytes:      r.Size,
		CreationTime:   timestamppb.New(r.Created),
		ReadyToUse:     true,
	}
}

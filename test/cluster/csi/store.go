package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// validID admits no dot and no slash, so that ids are safe as names of folders and never clash with the files beside them.
var validID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_+-]{0,127}$`)

const (
	recordSuffix  = ".json"
	partialSuffix = ".partial"
)

// record describes a volume or a snapshot. Its file is written last and removed first: a folder without one is
// a leftover that counts for nothing.
type record struct {
	// ID is the name that the sidecar asked for: they derive it from the UID of the claim, so it never comes again.
	ID             string    `json:"id"`
	Size           int64     `json:"size"`
	Created        time.Time `json:"created"`
	SourceVolume   string    `json:"sourceVolume,omitempty"`
	SourceSnapshot string    `json:"sourceSnapshot,omitempty"`
}

// store keeps all state on disk. Its lock spans whole requests, because what they check must still hold when they act.
type store struct {
	sync.Mutex
	volumes   shelf
	snapshots shelf
}

func openStore(path string) (*store, error) {
	s := &store{
		volumes:   shelf{path: filepath.Join(path, "volumes")},
		snapshots: shelf{path: filepath.Join(path, "snapshots")},
	}
	return s, errors.Join(s.volumes.open(), s.snapshots.open())
}

// shelf is a folder of folders, each with its record beside it.
type shelf struct {
	path string
}

func (s shelf) open() error {
	if err := os.MkdirAll(s.path, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), partialSuffix) {
			if err := os.RemoveAll(filepath.Join(s.path, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s shelf) folder(id string) string {
	return filepath.Join(s.path, id)
}

// get fails with fs.ErrNotExist for whatever the store does not have, also for ids that it could not have.
func (s shelf) get(id string) (record, error) {
	if !validID.MatchString(id) {
		return record{}, fs.ErrNotExist
	}
	var r record
	text, err := os.ReadFile(s.folder(id) + recordSuffix)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	return r, err
}

// list is in the order of the ids, which paging relies on.
func (s shelf) list() ([]record, error) {
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return nil, err
	}
	var records []record
	for _, entry := range entries {
		if id, found := strings.CutSuffix(entry.Name(), recordSuffix); found {
			r, err := s.get(id)
			if err != nil {
				return nil, err
			}
			records = append(records, r)
		}
	}
	slices.SortFunc(records, func(a, b record) int { return strings.Compare(a.ID, b.ID) })
	return records, nil
}

// create makes the folder as a copy of the source folder, or empty if there is none.
func (s shelf) create(r record, source string) error {
	folder := s.folder(r.ID)
	partial := folder + partialSuffix
	if err := errors.Join(os.RemoveAll(partial), os.RemoveAll(folder)); err != nil {
		return err
	}
	if err := fill(partial, source); err != nil {
		return errors.Join(err, os.RemoveAll(partial))
	}
	if err := os.Rename(partial, folder); err != nil {
		return err
	}
	return s.write(r)
}

func fill(folder, source string) error {
	if source != "" {
		return copyFolder(source, folder)
	}
	if err := os.Mkdir(folder, 0o775); err != nil {
		return err
	}
	// The umask applies to Mkdir only.
	return os.Chmod(folder, 0o775)
}

func (s shelf) write(r record) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	file := s.folder(r.ID) + recordSuffix
	if err := os.WriteFile(file+partialSuffix, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(file+partialSuffix, file)
}

// delete succeeds for whatever the store does not have, and takes up again what a killed run left half deleted.
func (s shelf) delete(id string) error {
	if !validID.MatchString(id) {
		return nil
	}
	folder := s.folder(id)
	for _, err := range []error{
		os.Remove(folder + recordSuffix),
		// Under this name the next start removes whatever a killed run leaves.
		os.Rename(folder, folder+partialSuffix),
	} {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.RemoveAll(folder + partialSuffix)
}

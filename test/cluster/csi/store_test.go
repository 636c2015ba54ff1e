package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// dataToKill makes the test binary a driver that copies one volume, for another test to kill.
const dataToKill = "CSI_FOLDER_TEST_DATA"

func TestMain(m *testing.M) {
	if data := os.Getenv(dataToKill); data != "" {
		s, err := openStore(data)
		if err == nil {
			err = s.snapshots.create(record{ID: "snapshot", SourceVolume: "volume"}, s.volumes.folder("volume"))
		}
		fmt.Fprintln(os.Stderr, "the copy ended before it was killed:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestKilledCopyCountsForNothing(t *testing.T) {
	data := t.TempDir()
	s := open(t, data)
	must(t, s.volumes.create(record{ID: "volume"}, ""))
	for i := range 8 {
		writeRandom(t, filepath.Join(s.volumes.folder("volume"), fmt.Sprint(i)), 32<<20)
	}

	driver := exec.Command(os.Args[0])
	driver.Env = append(os.Environ(), dataToKill+"="+data)
	var complaints bytes.Buffer
	driver.Stderr = &complaints
	must(t, driver.Start())
	partial := s.snapshots.folder("snapshot") + partialSuffix
	waitFor(t, filepath.Join(partial, "0"))
	must(t, driver.Process.Kill())
	_ = driver.Wait()
	if complaints.Len() > 0 {
		t.Fatal(complaints.String())
	}
	before := size(t, partial)
	time.Sleep(200 * time.Millisecond)
	if after := size(t, partial); after != before || after == 8*32<<20 {
		t.Errorf("cp outlived the driver: %d bytes at its death, %d later", before, after)
	}

	s = open(t, data)
	if records, err := s.snapshots.list(); err != nil || len(records) != 0 {
		t.Errorf("a killed copy is listed: %v, %v", records, err)
	}
	if entries, err := os.ReadDir(s.snapshots.path); err != nil || len(entries) != 0 {
		t.Errorf("a killed copy leaves %v, %v", entries, err)
	}
	must(t, s.snapshots.create(record{ID: "snapshot"}, s.volumes.folder("volume")))
	equalTrees(t, s.volumes.folder("volume"), s.snapshots.folder("snapshot"))
}

func TestFolderWithoutRecordCountsForNothing(t *testing.T) {
	s := open(t, t.TempDir())
	must(t, s.volumes.create(record{ID: "volume"}, ""))
	leftover := filepath.Join(s.snapshots.folder("snapshot"), "leftover")
	must(t, os.MkdirAll(filepath.Dir(leftover), 0o755))
	must(t, os.WriteFile(leftover, nil, 0o644))

	if _, err := s.snapshots.get("snapshot"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder without a record is found: %v", err)
	}
	must(t, s.snapshots.create(record{ID: "snapshot"}, s.volumes.folder("volume")))
	if _, err := os.Stat(leftover); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a leftover became part of the snapshot: %v", err)
	}
}

func TestRestoreEqualsOriginal(t *testing.T) {
	needRoot(t)
	data := t.TempDir()
	s := open(t, data)
	must(t, s.volumes.create(record{ID: "original", Size: 7}, ""))
	original := s.volumes.folder("original")
	must(t, os.Chown(original, 26, 26))
	must(t, os.Chmod(original, 0o770|fs.ModeSetgid))
	must(t, os.MkdirAll(filepath.Join(original, "pgdata", "empty"), 0o700))
	for name, mode := range map[string]fs.FileMode{
		"pgdata/PG_VERSION": 0o600, "pgdata/it's $(odd)\nname": 0o640, "run": 0o755 | fs.ModeSetuid,
	} {
		path := filepath.Join(original, name)
		writeRandom(t, path, 100_000)
		must(t, os.Chown(path, 26, 999))
		must(t, os.Chmod(path, mode))
		must(t, os.Chtimes(path, time.Time{}, time.Unix(1_700_000_000, 123_456_789)))
	}
	must(t, os.Symlink("/nowhere/../else", filepath.Join(original, "link")))
	must(t, os.Link(filepath.Join(original, "run"), filepath.Join(original, "hard")))
	must(t, os.WriteFile(filepath.Join(original, "sparse"), nil, 0o600))
	must(t, os.Truncate(filepath.Join(original, "sparse"), 64<<20))
	must(t, os.Chtimes(filepath.Join(original, "pgdata"), time.Time{}, time.Unix(1_600_000_000, 0)))

	must(t, s.snapshots.create(record{ID: "snapshot", Size: 7, SourceVolume: "original"}, original))
	want := tree(t, original)
	must(t, s.volumes.delete("original"))
	s = open(t, data)
	must(t, s.volumes.create(record{ID: "restored", Size: 7, SourceSnapshot: "snapshot"}, s.snapshots.folder("snapshot")))

	restored := s.volumes.folder("restored")
	if got := tree(t, restored); !maps.Equal(got, want) {
		t.Errorf("restored:\n%v\nwant:\n%v", got, want)
	}
	var sparse unix.Stat_t
	must(t, unix.Stat(filepath.Join(restored, "sparse"), &sparse))
	if sparse.Blocks > 2048 {
		t.Errorf("a sparse file takes %d blocks", sparse.Blocks)
	}
	if r, err := s.snapshots.get("snapshot"); err != nil || r.Size != 7 || r.SourceVolume != "original" {
		t.Errorf("after a restart the record is %+v, %v", r, err)
	}
}

func TestVanishingFilesAreTolerated(t *testing.T) {
	s := open(t, t.TempDir())
	must(t, s.volumes.create(record{ID: "volume"}, ""))
	folder := s.volumes.folder("volume")
	// cp reads the names of a folder at once, and then copies in the order of creation on most file systems, so that
	// the large file leaves the time to remove one half or the other.
	for i := range 200 {
		must(t, os.WriteFile(filepath.Join(folder, fmt.Sprint("small-", i)), []byte("x"), 0o600))
		must(t, os.Mkdir(filepath.Join(folder, fmt.Sprint("folder-", i)), 0o700))
		if i == 99 {
			writeRandom(t, filepath.Join(folder, "large"), 256<<20)
		}
	}

	done := make(chan error, 1)
	go func() { done <- s.snapshots.create(record{ID: "snapshot"}, folder) }()
	waitFor(t, filepath.Join(s.snapshots.folder("snapshot")+partialSuffix, "large"))
	for i := range 200 {
		must(t, os.Remove(filepath.Join(folder, fmt.Sprint("small-", i))))
		must(t, os.Remove(filepath.Join(folder, fmt.Sprint("folder-", i))))
	}
	must(t, <-done)

	copied := tree(t, s.snapshots.folder("snapshot"))
	if len(copied) == 402 {
		t.Error("no file vanished in time, so this test shows nothing")
	}
	if path := "large"; copied[path] != tree(t, folder)[path] {
		t.Errorf("the file that stayed is %s", copied[path])
	}
	if _, err := s.snapshots.get("snapshot"); err != nil {
		t.Error(err)
	}
}

func TestFullDiskFailsTheCopy(t *testing.T) {
	needRoot(t)
	data := t.TempDir()
	must(t, unix.Mount("tmpfs", data, "tmpfs", 0, "size=1m"))
	t.Cleanup(func() { must(t, unix.Unmount(data, 0)) })
	s := open(t, data)
	must(t, s.volumes.create(record{ID: "volume"}, ""))
	writeRandom(t, filepath.Join(s.volumes.folder("volume"), "large"), 700<<10)

	err := s.snapshots.create(record{ID: "snapshot"}, s.volumes.folder("volume"))
	if err == nil || !strings.Contains(err.Error(), "No space left on device") {
		t.Errorf("a full disk gives %v", err)
	}
	if entries, err := os.ReadDir(s.snapshots.path); err != nil || len(entries) != 0 {
		t.Errorf("a failed copy leaves %v, %v", entries, err)
	}
}

func TestJudge(t *testing.T) {
	const vanished = "cp: cannot stat '/data/a': No such file or directory\n"
	const replaced = "cp: skipping file '/data/a', as it was replaced while being copied\n"
	for complaints, want := range map[string]string{
		vanished: "done",
		"cp: cannot open '/data/a' for reading: No such file or directory\n":    "done",
		"cp: cannot access '/data/a/b': No such file or directory\n" + vanished: "done",
		"cp: cannot stat \"/data/it's\": No such file or directory\n":           "done",
		replaced:            "again",
		replaced + vanished: "again",
		"":                  "failed",
		"cp: cannot stat '/data': No such file or directory\n":                            "failed",
		"cp: cannot create regular file '/target/a': No such file or directory\n":         "failed",
		"cp: cannot open '/data/a' for reading: Permission denied\n":                      "failed",
		"cp: error reading '/data/a': Input/output error\n" + vanished:                    "failed",
		vanished + "cp: failed to preserve ownership for '/target/a': Invalid argument\n": "failed",
		replaced + "cp: error writing '/target/a': No space left on device\n":             "failed",
	} {
		again, err := judge("/data", complaints)
		got := map[bool]string{false: "done", true: "again"}[again]
		if err != nil {
			got = "failed"
		}
		if got != want {
			t.Errorf("%q: %s (%v), want %s", complaints, got, err, want)
		}
	}
}

func TestPagesMissNothingAfterDeletion(t *testing.T) {
	first, next, err := page([]record{{ID: "a"}, {ID: "b"}, {ID: "c"}}, "", 2)
	if err != nil || len(first) != 2 || next == "" {
		t.Fatal(first, next, err)
	}
	second, next, err := page([]record{{ID: "c"}}, next, 2)
	if err != nil || len(second) != 1 || second[0].ID != "c" || next != "" {
		t.Error(second, next, err)
	}
}

func TestBindIsIdempotentAndReadOnlyOnDemand(t *testing.T) {
	needRoot(t)
	folder, target := t.TempDir(), filepath.Join(t.TempDir(), "pod", "mount")
	must(t, bind(folder, target, false))
	must(t, os.WriteFile(filepath.Join(target, "file"), nil, 0o600))
	must(t, bind(folder, target, true))
	if err := os.WriteFile(filepath.Join(target, "other"), nil, 0o600); !errors.Is(err, unix.EROFS) {
		t.Errorf("writing to a read-only volume gives %v", err)
	}
	must(t, os.WriteFile(filepath.Join(folder, "other"), nil, 0o600))

	must(t, unbind(target))
	must(t, unbind(target))
	if _, err := os.Stat(target); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the target is still there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "file")); err != nil {
		t.Errorf("the volume lost its file: %v", err)
	}
}

func open(t *testing.T, data string) *store {
	t.Helper()
	s, err := openStore(data)
	must(t, err)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
}

func waitFor(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if _, err := os.Lstat(path); err == nil {
			return
		}
	}
	t.Fatalf("%s does not appear", path)
}

func writeRandom(t *testing.T, path string, size int) {
	t.Helper()
	content := make([]byte, size)
	_, _ = rand.Read(content)
	must(t, os.WriteFile(path, content, 0o600))
}

func size(t *testing.T, root string) (total int64) {
	t.Helper()
	must(t, filepath.Walk(root, func(_ string, info fs.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			total += info.Size()
		}
		return err
	}))
	return total
}

func equalTrees(t *testing.T, want, got string) {
	t.Helper()
	if !maps.Equal(tree(t, want), tree(t, got)) {
		t.Errorf("%s differs from %s", got, want)
	}
}

// tree describes everything that a copy has to keep, by path.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	found := map[string]string{}
	must(t, filepath.Walk(root, func(path string, info fs.FileInfo, err error) error {
		if err != nil {
			return err
		}
		var content []byte
		link := ""
		switch info.Mode().Type() {
		case 0:
			content, err = os.ReadFile(path)
		case fs.ModeSymlink:
			link, err = os.Readlink(path)
		}
		name, _ := filepath.Rel(root, path)
		owner := info.Sys().(*syscall.Stat_t)
		found[name] = fmt.Sprint(info.Mode(), owner.Nlink, owner.Uid, owner.Gid, info.ModTime().UnixNano(), link, sha256.Sum256(content))
		return err
	}))
	return found
}

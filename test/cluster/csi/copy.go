package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
)

const copyAttempts = 5

// copyFolder copies a folder that may be in use. A disk snapshot shows a single point in time, this copy does not: it is
// good for what tolerates a copy in progress, as PostgreSQL does in backup mode.
//
// No request can cancel it: one that takes longer than a sidecar waits would otherwise begin anew for ever.
func copyFolder(source, target string) error {
	for range copyAttempts {
		again, err := tryCopy(source, target)
		if !again {
			return err
		}
		if err := os.RemoveAll(target); err != nil {
			return err
		}
	}
	return fmt.Errorf("copy %s: files were replaced under each of %d attempts", source, copyAttempts)
}

func tryCopy(source, target string) (again bool, err error) {
	// Linux sends the death signal when the thread ends that started the child, not when the process does.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	command := exec.Command("cp", "--archive", "--sparse=always", "--reflink=auto", "--no-target-directory", "--", source, target)
	command.Env = append(os.Environ(), "LC_ALL=C")
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var complaints bytes.Buffer
	command.Stderr = &complaints
	err = command.Run()
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 {
		return false, err
	}
	return judge(source, complaints.String())
}

// judge tells what became of a copy from what cp said about it, because its exit code is 1 for everything.
func judge(source, complaints string) (again bool, err error) {
	inSource := `['"]` + regexp.QuoteMeta(source) + `/.*`
	vanished := regexp.MustCompile(`^cp: cannot (stat|access|open|read symbolic link) ` + inSource + `: No such file or directory$`)
	replaced := regexp.MustCompile(`^cp: skipping file ` + inSource + `, as it was replaced while being copied$`)
	for line := range strings.Lines(complaints) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case vanished.MatchString(line):
		case replaced.MatchString(line):
			// The file exists before and after, so a copy that lacks it shows a state that never was.
			again = true
		default:
			return false, fmt.Errorf("copy %s: %s", source, line)
		}
	}
	if complaints == "" {
		return false, fmt.Errorf("copy %s: cp failed without a word", source)
	}
	return again, nil
}

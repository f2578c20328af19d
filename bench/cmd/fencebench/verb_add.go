package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/fencert/fencert/bench/internal/intake"
)

// add takes in the results of another machine.
func (a *app) add(args []string) error {
	if err := noFlags("add", args); err != nil {
		return err
	}
	if len(args) != 1 || args[0] == "" {
		return misuse("add takes one file or folder")
	}
	parent := filepath.Join(a.repo, resultsDir)
	taken, err := intake.Take(a.source(args[0]), parent)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file or folder", args[0])
	}
	if err != nil {
		return err
	}
	if n := len(taken.LeftOut); n > 0 {
		some, more := taken.LeftOut[:min(n, 3)], ""
		if n > len(some) {
			more = ", ..."
		}
		a.remark("%d files left out, for they can be made again here: %s%s", n, strings.Join(some, ", "), more)
	}
	var b strings.Builder
	for _, run := range taken.Folders {
		fmt.Fprintf(&b, "%s\n", filepath.Join(parent, run))
	}
	return a.print(b.String())
}

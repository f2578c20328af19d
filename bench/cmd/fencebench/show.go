package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/tables"
)

// table prints the tables of a file.
func (a *app) table(args []string) error {
	if len(args) > 1 {
		return misuse("table takes one file, not %d", len(args))
	}
	if err := noFlags("table", args); err != nil {
		return err
	}
	var path string
	if len(args) == 1 {
		path = a.source(args[0])
	} else {
		var err error
		if path, err = results.Newest(filepath.Join(a.repo, resultsDir)); err != nil {
			return err
		}
	}
	log, err := readLog(path)
	if err != nil {
		return err
	}
	text, err := tables.Render(log)
	if err != nil {
		return err
	}
	return a.print(fmt.Sprintf("%s\n%s", log.Path, text))
}

// source finds a file that the user named: seen from where they are, else from the
// checkout, as our own messages name files.
func (a *app) source(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	here, there := filepath.Join(a.caller, path), filepath.Join(a.repo, path)
	if !exists(here) && exists(there) {
		return there
	}
	return here
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// target returns where results go: below the checkout, or where the user said.
func (a *app) target(dir string) string {
	switch {
	case dir == "":
		return filepath.Join(a.repo, resultsDir)
	case filepath.IsAbs(dir):
		return dir
	}
	return filepath.Join(a.caller, dir)
}

func readLog(path string) (*results.Log, error) {
	if path == "" {
		return nil, misuse("an empty file name")
	}
	log, err := results.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file or results folder", path)
	}
	return log, err
}

func noFlags(verb string, args []string) error {
	for _, arg := range args {
		if len(arg) > 1 && arg[0] == '-' {
			return misuse("unknown flag %s: %s takes none", arg, verb)
		}
	}
	return nil
}

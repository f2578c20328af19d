package main

import (
	"fmt"
	"path/filepath"

	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/scaling"
)

// scaling prints what more processors bring in a run.
func (a *app) scaling(args []string) error {
	if err := noFlags("scaling", args); err != nil {
		return err
	}
	if len(args) > 1 {
		return misuse("scaling takes one folder, not %d", len(args))
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
	all, own := scaling.Read(log)
	if len(all) == 0 {
		return fmt.Errorf("%s: no row was measured on several numbers of CPUs", log.Path)
	}
	return a.print(fmt.Sprintf("%s\n%s", log.Path, scaling.Table(all, own)))
}

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fencert/fencert/bench/internal/readme"
	"github.com/fencert/fencert/bench/internal/results"
)

// readme writes a run's figures into README.md and its line into the index of results.
func (a *app) readme(args []string) error {
	if err := noFlags("readme", args); err != nil {
		return err
	}
	if len(args) > 1 {
		return misuse("readme takes one folder, not %d", len(args))
	}
	var (
		folder string
		err    error
	)
	if len(args) == 1 {
		folder = a.source(args[0])
	} else if folder, err = results.Newest(filepath.Join(a.repo, resultsDir)); err != nil {
		return err
	}
	if folder, err = a.within(folder); err != nil {
		return err
	}
	readmePath, indexPath := filepath.Join(a.repo, "README.md"), filepath.Join(a.repo, resultsDir, "README.md")
	text, err := change(readmePath, folder, a.repo, readme.Replace)
	if err != nil {
		return err
	}
	index, err := change(indexPath, folder, a.repo, readme.Add)
	if err != nil {
		return err
	}
	pictures, err := readme.Pictures(a.repo, folder)
	if err != nil {
		return err
	}
	history, err := readme.History(a.repo, index)
	if err != nil {
		return err
	}
	// All are made before one is written; what README refers to comes first.
	if err := a.put(append(pictures, history...)); err != nil {
		return err
	}
	if err := errors.Join(results.Put(readmePath, []byte(text)), results.Put(indexPath, []byte(index))); err != nil {
		return err
	}
	return a.print("README.md and results/README.md show " + folder + "\n")
}

// history makes the index of the committed runs, and the page of it.
func (a *app) history(args []string) error {
	if err := noFlags("history", args); err != nil {
		return err
	}
	if len(args) > 0 {
		return misuse("history takes no argument %q: it is about the runs that results/README.md lists", args[0])
	}
	index, err := os.ReadFile(filepath.Join(a.repo, resultsDir, "README.md"))
	if err != nil {
		return err
	}
	files, err := readme.History(a.repo, string(index))
	if err != nil {
		return err
	}
	if err := a.put(files); err != nil {
		return err
	}
	var names strings.Builder
	for _, f := range files {
		fmt.Fprintln(&names, f.Path)
	}
	return a.print(names.String())
}

// put writes files of the checkout.
func (a *app) put(files []readme.File) error {
	for _, f := range files {
		if err := results.Put(filepath.Join(a.repo, filepath.FromSlash(f.Path)), f.Data); err != nil {
			return err
		}
	}
	return nil
}

// within names a folder as seen from the checkout, with slashes.
func (a *app) within(folder string) (string, error) {
	repo, err := filepath.Abs(a.repo)
	if err != nil {
		return "", err
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return "", err
	}
	rel, err := filepath.Rel(repo, folder)
	return filepath.ToSlash(rel), err
}

func change(path, folder, repo string, f func(text, checkout, folder string) (string, error)) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return f(string(text), repo, folder)
}

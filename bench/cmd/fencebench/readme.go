package main

import (
	"errors"
	"os"
	"path/filepath"

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
	// Both are made before one is written.
	if err := errors.Join(write(readmePath, text), write(indexPath, index)); err != nil {
		return err
	}
	return a.print("README.md and results/README.md show " + folder + "\n")
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

// write replaces a file as a whole: cut short by an error, the old one stays.
func write(path, text string) error {
	next := path + ".new"
	if err := os.WriteFile(next, []byte(text), 0o666); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	return os.Rename(next, path)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fencert/fencert/bench/internal/cost"
	"github.com/fencert/fencert/bench/internal/results"
)

// Files of the table of costs, below results.
const (
	costFile = "cost.json"
	costText = "cost.txt"
)

// costs makes the table of costs, or compares it with the committed one.
func (a *app) costs(ctx context.Context, args []string) error {
	check := false
	for _, arg := range args {
		if arg != "--check" && arg != "-check" {
			return misuse("cost takes --check and nothing else, not %q", arg)
		}
		check = true
	}
	if packed() {
		return fmt.Errorf("cost: %w", errCheckout)
	}
	path := filepath.Join(a.repo, resultsDir, costFile)
	var committed *cost.Table
	if check {
		var err error
		if committed, err = readCosts(path); err != nil {
			return err
		}
	}
	a.remark("counting atomics and instructions per operation")
	now, err := cost.Measure(ctx, a.repo)
	switch {
	case errors.Is(err, cost.ErrNoValgrind) && now != nil:
		a.remark("instructions are left out: %v", err)
	case err != nil:
		return err
	}
	if check {
		return a.checkCosts(committed, now)
	}
	if !now.Counted() {
		a.remark("not kept: a table without instructions is none to compare with")
		return a.print(now.Render())
	}
	text, err := now.Encode()
	if err != nil {
		return err
	}
	if err := results.Put(path, text); err != nil {
		return err
	}
	if err := results.Put(filepath.Join(a.repo, resultsDir, costText), []byte(now.Render())); err != nil {
		return err
	}
	a.remark("kept: %s", path)
	return a.print(now.Render())
}

func (a *app) checkCosts(committed, now *cost.Table) error {
	remarks, err := cost.Check(committed, now)
	for _, r := range remarks {
		a.remark("%s", r)
	}
	if err != nil {
		return fmt.Errorf("%w\n    Where that is meant: ./benchstat.sh cost, and commit results/%s and results/%s", err, costFile, costText)
	}
	what := "atomics, lines and instructions"
	if len(remarks) > 0 {
		what = "atomics and lines"
	}
	return a.print(fmt.Sprintf("%s of %d rows are those of results/%s\n", what, len(committed.Rows), costFile))
}

func readCosts(path string) (*cost.Table, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no table of costs yet: ./benchstat.sh cost makes it", path)
	}
	if err != nil {
		return nil, err
	}
	return cost.Decode(path, text)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fencert/fencert/bench/internal/machine"
	"github.com/fencert/fencert/bench/internal/plan"
)

// A build is one of the two that are measured side by side.
type build struct {
	name, role string // as the user named it; "old" or "new"
	suite      suite
	header     machine.Header
	remove     func()
}

// prepare checks a revision out below tmp, unless it is the working tree, and builds it. What is to be
// removed is told also with an error.
func (a *app) prepare(ctx context.Context, name, tmp string, o *options) (*build, error) {
	if err := os.Mkdir(tmp, 0o777); err != nil {
		return nil, err
	}
	b := &build{name: name, role: "old", remove: func() {}}
	if filepath.Base(tmp) != "0" {
		b.role = "new"
	}
	repo := a.repo
	if name != workingTree {
		repo = filepath.Join(tmp, "tree")
		remove, err := worktree(ctx, a.repo, name, repo)
		if err != nil {
			return nil, err
		}
		b.remove = remove
	}
	binary, err := binaryIn(tmp)
	if err != nil {
		return b, err
	}
	a.remark("building %s: %s", b.role, name)
	if b.suite, err = a.build(ctx, repo, binary); err != nil {
		return b, fmt.Errorf("%s: %w", name, err)
	}
	pinned(b.suite, o.pin)
	b.header = a.describe(ctx, repo, binary, o)
	return b, nil
}

// inBoth returns the rows to measure: those that both builds have.
func (a *app) inBoth(ctx context.Context, builds []*build, o *options) ([]plan.Item, error) {
	var both []plan.Item
	for i, b := range builds {
		items, err := a.chooseOf(ctx, b.suite, o, plan.Of(underTest))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.name, err)
		}
		if i == 0 {
			both = items
			continue
		}
		n := len(both)
		both = slices.DeleteFunc(both, func(i plan.Item) bool { return !slices.Contains(items, i) })
		if only := n + len(items) - 2*len(both); only > 0 {
			a.remark("%d rows are in one of the builds alone, and not measured", only)
		}
	}
	if len(both) == 0 {
		return nil, errors.New("the two builds have no row in common")
	}
	return both, nil
}

// worktree checks a revision out into a directory that doesn't exist. The checkout's own files are
// left alone.
func worktree(ctx context.Context, repo, revision, dir string) (remove func(), err error) {
	if strings.HasPrefix(revision, "-") {
		return nil, misuse("%q is no revision", revision)
	}
	commit, err := machine.Git(ctx, repo, "rev-parse", "--verify", "--quiet", revision+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("%s: no such revision or file", revision)
	}
	if _, err := machine.Git(ctx, repo, "worktree", "add", "--detach", dir, commit); err != nil {
		return nil, fmt.Errorf("checking out %s: %w", revision, err)
	}
	return func() {
		// Whatever was asked to end, this has to happen. What stays behind after a failure is forgotten by git's own prune.
		_, _ = machine.Git(context.WithoutCancel(ctx), repo, "worktree", "remove", "--force", dir)
	}, nil
}

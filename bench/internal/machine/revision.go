package machine

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
)

// What a program that was built to be carried elsewhere was made of; set by the linker.
var packedCommit, packedDirty string

// Revision returns the commit of a checkout, and "yes", "no" or "" for whether files outside results/ differ from it. It
// starts git.
func Revision(ctx context.Context, repo string) (commit, dirty string) {
	return revision(ctx, repo)
}

// revision returns the commit of a checkout, and "yes" when files outside results/
// differ from it. Both are empty without git, without a repository, and when repo
// merely lies somewhere inside another project's repository. A packed program knows its own.
func revision(ctx context.Context, repo string) (commit, dirty string) {
	if packedCommit != "" {
		return packedCommit, packedDirty
	}
	prefix, err := git(ctx, repo, "rev-parse", "--show-prefix")
	if err != nil || prefix != "" {
		return "", ""
	}
	commit, err = git(ctx, repo, "rev-parse", "--verify", "HEAD")
	if err != nil {
		return "", ""
	}
	changes, err := git(ctx, repo, "status", "--porcelain", "--", ".", ":(exclude)results")
	switch {
	case err != nil:
		return commit, ""
	case changes != "":
		return commit, "yes"
	}
	return commit, "no"
}

func git(ctx context.Context, repo string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, "git", args...)
	c.Dir = repo
	out, err := c.Output()
	return strings.TrimSpace(string(bytes.TrimSpace(out))), err
}

package machine

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
)

// revision returns the commit of a checkout, and "yes" when files outside results/
// differ from it. Both are empty without git, without a repository, and when repo
// merely lies somewhere inside another project's repository.
func revision(ctx context.Context, repo string) (commit, dirty string) {
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

package machine

import (
	"context"
	"testing"
	"testing/fstest"
)

// TestPackedRevision: what the linker put in goes before any repository that the program happens to be started in.
func TestPackedRevision(t *testing.T) {
	packedCommit, packedDirty = "48e22e7", "yes"
	defer func() { packedCommit, packedDirty = "", "" }()
	for _, repo := range []string{"../../..", t.TempDir()} {
		if commit, dirty := Revision(context.Background(), repo); commit != "48e22e7" || dirty != "yes" {
			t.Errorf("in %s: %q, %q", repo, commit, dirty)
		}
	}
}

// TestEmulatorIsTold: times of an emulator say that they are.
func TestEmulatorIsTold(t *testing.T) {
	for _, name := range []string{"", "qemu-aarch64"} {
		h := Describe(context.Background(), Source{Root: fstest.MapFS{}, Repo: t.TempDir(), Getenv: func(key string) string {
			if key == EmulatorEnv {
				return name
			}
			return ""
		}})
		want := name
		if name == "" {
			want = Unknown
		}
		if got := h.Get("emulator"); got != want {
			t.Errorf("%q: %q", name, got)
		}
		if lines := len(h); name == "" && h[lines-1].Key == "emulator" {
			t.Error("without an emulator there is a line about one")
		}
	}
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fencert/fencert/runtime/sharedtimeline"
)

// commandVariable makes the test binary the command.
const commandVariable = "FENCERT_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(commandVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// shared is a new shared timeline at 40, with a writer.
func shared(t *testing.T) (path string, w *sharedtimeline.Writer) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "line")
	m, err := sharedtimeline.Create(path, 0o600, 40)
	if errors.Is(err, sharedtimeline.ErrUnsupported) {
		t.Skip("this system shares no memory between processes, as ErrUnsupported says")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	if w, err = m.Claim(); err != nil {
		t.Fatal(err)
	}
	return path, w
}

// call runs the command in this process.
func call(terminal bool, args ...string) (code int, out, problems string) {
	var o, p bytes.Buffer
	code = run(context.Background(), args, &o, &p, terminal)
	return code, o.String(), p.String()
}

func TestArguments(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"", 2, "usage"}, {"look", 2, "usage"}, {"watch", 2, "one file"}, {"watch a b", 2, "one file"}, {"watch -x a", 2, "-x"},
		{"watch -every 0s a", 2, "more than 0"}, {"watch -every soon a", 2, "soon"}, {"help", 0, ""}, {"watch -h", 0, "usage"},
	} {
		code, out, problems := call(false, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(problems, c.want) {
			t.Errorf("%q: %d, %q, %q", c.args, code, out, problems)
		}
	}
}

func TestWhatCannotBeOpened(t *testing.T) {
	path, _ := shared(t)
	if code, out, problems := call(false, "watch", path+"no"); code != 1 || out != "" || !strings.Contains(problems, path+"no") {
		t.Error(code, out, problems)
	}
	other := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(other, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, problems := call(false, "watch", other); code != 1 || !strings.Contains(problems, "not a shared timeline") {
		t.Error(code, problems)
	}
}

func TestOnce(t *testing.T) {
	path, w := shared(t)
	if _, err := w.NextN(5); err != nil {
		t.Fatal(err)
	}
	pid := strconv.Itoa(os.Getpid())
	code, out, problems := call(false, "watch", "-once", path)
	if code != 0 || problems != "" || !strings.HasPrefix(out, "value 40, issued to 45") || !strings.Contains(out, "writer "+pid+", number 1") {
		t.Errorf("%d %q %q", code, out, problems)
	}
	code, out, _ = call(true, "watch", "-once", path)
	if code != 0 || !strings.HasPrefix(out, "\r\x1b[Kvalue 40") || !strings.HasSuffix(out, "\n") {
		t.Errorf("%d %q", code, out)
	}
	code, out, _ = call(true, "watch", "-once", "-json", path)
	var l look
	if err := json.Unmarshal([]byte(out), &l); code != 0 || err != nil || l.Value != 40 || l.Issued != 45 || l.Process != os.Getpid() {
		t.Errorf("%d %q %v", code, out, err)
	}
	if runtime.GOOS == "linux" && (l.Held == nil || !*l.Held || l.Sleepers == nil || *l.Sleepers != 0) {
		t.Errorf("%q", out)
	}
	_ = w.Close()
	if _, out, _ = call(false, "watch", "-once", path); runtime.GOOS == "linux" && !strings.Contains(out, "no writer; the last was "+pid) {
		t.Errorf("%q", out)
	}
}

// TestLive: the command follows the value until it is interrupted, and says so when the file is replaced or cut.
func TestLive(t *testing.T) {
	path, w := shared(t)
	c := exec.Command(os.Args[0], "watch", "-every", "5ms", path)
	c.Env = append(os.Environ(), commandVariable+"=1")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	limit := time.AfterFunc(60*time.Second, func() { _ = c.Process.Kill() })
	defer limit.Stop()
	lines := bufio.NewScanner(out)
	wait := func(pattern string) {
		t.Helper()
		for want := regexp.MustCompile(pattern); lines.Scan(); {
			if want.MatchString(lines.Text()) {
				return
			}
		}
		t.Fatal("it ended without saying", pattern)
	}
	wait("^value 40,")
	if err := w.Advance(1 << 40); err != nil {
		t.Fatal(err)
	}
	wait("^value 1099511627776, [1-9][0-9]*/s")
	if err := os.Rename(path, path+"2"); err != nil {
		t.Fatal(err)
	}
	wait("the name means another file")
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, out)
	if err := c.Wait(); err != nil {
		t.Error("interrupted:", err)
	}
	path += "2"
	done := make(chan string, 1)
	go func() {
		_, _, problems := call(false, "watch", "-every", "1ms", path)
		done <- problems
	}()
	time.Sleep(5 * time.Millisecond)
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	select {
	case problems := <-done:
		if !strings.Contains(problems, "cut") && !strings.Contains(problems, "empty") {
			t.Errorf("%q", problems)
		}
	case <-time.After(60 * time.Second):
		t.Error("it goes on with a file that was cut")
	}
}

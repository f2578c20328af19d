package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const run1 = "results/20260102T030405Z-a"

// withRuns starts the program in a checkout that has two runs and lists them.
func withRuns(t *testing.T, args ...string) *call {
	t.Helper()
	c := command(t, "fake", "", args...)
	list := "<!-- runs:begin -->\n"
	for i, name := range []string{"20260102T030405Z-a", "20260203T030405Z-b"} {
		text := "goos: linux\ncpu: X\ncpus: 2\ncommit: 0123456789\n\n"
		for range 6 {
			text += "BenchmarkX/impl=lockfree-1 1 1" + strings.Repeat("0", i) + " ns/op\nBenchmarkX/impl=lockfree-2 1 1 ns/op\nBenchmarkX/impl=mutex-1 1 4 ns/op\n"
		}
		writeFile(t, filepath.Join(c.cmd.Dir, "results", name, "bench.txt"), text)
		writeFile(t, filepath.Join(c.cmd.Dir, "results", name, "tables.txt"), "tables of "+name+"\n")
		list += "| [" + name + "](" + name + "/tables.txt) | x |\n"
	}
	writeFile(t, filepath.Join(c.cmd.Dir, "results", "README.md"), list+"<!-- runs:end -->\n")
	return c
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// follow is another call in the same checkout.
func (c *call) follow(t *testing.T, args ...string) *call {
	t.Helper()
	next := command(t, "fake", "", args...)
	next.cmd.Dir = c.cmd.Dir
	return next
}

func (c *call) succeed(t *testing.T) string {
	t.Helper()
	if code := exit(t, c.cmd.Run()); code != 0 {
		t.Fatalf("%v exits with %d: %s", c.cmd.Args[1:], code, c.err.String())
	}
	return c.out.String()
}

// fail checks a refusal that leaves the checkout as it was.
func (c *call) fail(t *testing.T, code int, text string) {
	t.Helper()
	before := listing(t, c.cmd.Dir)
	if got := exit(t, c.cmd.Run()); got != code {
		t.Errorf("%v exits with %d, want %d", c.cmd.Args[1:], got, code)
	}
	message := c.err.String()
	if c.out.Len() > 0 || strings.Count(message, "benchstat.sh: ") != 1 || !strings.Contains(message, text) {
		t.Errorf("%v prints %q and says %q, want one message with %q", c.cmd.Args[1:], c.out.String(), message, text)
	}
	if after := listing(t, c.cmd.Dir); after != before {
		t.Errorf("%v leaves\n%s, before\n%s", c.cmd.Args[1:], after, before)
	}
}

func listing(t *testing.T, dir string) string {
	t.Helper()
	var names strings.Builder
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		names.WriteString(path + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names.String()
}

func TestReport(t *testing.T) {
	c := withRuns(t, "report", run1)
	if out := c.succeed(t); !strings.Contains(out, filepath.FromSlash(run1)+"/report.html\n") && !strings.Contains(out, "report.html\n") {
		t.Errorf("printed %q", out)
	}
	page := fileText(t, filepath.Join(c.cmd.Dir, filepath.FromSlash(run1), "report.html"))
	if !strings.Contains(page, "Fence benchmarks, 2026-01-02") || strings.Contains(page, "history.html") {
		t.Error("not that run's page, or a link to a history that isn't there")
	}
	charts, err := filepath.Glob(filepath.Join(c.cmd.Dir, filepath.FromSlash(run1), "charts", "*"))
	if err != nil || len(charts) < 3 {
		t.Errorf("charts are %v, %v", charts, err)
	}
	c.follow(t, "history").succeed(t)
	// Without a name the newest; flags on either side of it; elsewhere, with the way back to the history.
	c.follow(t, "report", "--out", "elsewhere/page.html").succeed(t)
	c.follow(t, "report", run1, "--out=elsewhere/other.html").succeed(t)
	newest, other := fileText(t, filepath.Join(c.cmd.Dir, "elsewhere", "page.html")), fileText(t, filepath.Join(c.cmd.Dir, "elsewhere", "other.html"))
	if !strings.Contains(newest, "2026-02-03") || !strings.Contains(other, "2026-01-02") || !strings.Contains(newest, `href="../results/history.html"`) {
		t.Error("pages elsewhere aren't those that were asked for")
	}
}

func TestJSON(t *testing.T) {
	c := withRuns(t, "json")
	out := c.succeed(t)
	kept := filepath.Join(c.cmd.Dir, "results", "20260203T030405Z-b", "results.json")
	if !json.Valid([]byte(out)) || fileText(t, kept) != out || !strings.Contains(out, `"folder": "20260203T030405Z-b"`) {
		t.Errorf("printed %q", out)
	}
	if again := c.follow(t, "json", kept).succeed(t); again != out {
		t.Errorf("its own file comes out as %q", again)
	}
	before := listing(t, c.cmd.Dir)
	c.follow(t, "json", run1+"/bench.txt").succeed(t)
	if listing(t, c.cmd.Dir) != before {
		t.Error("a file alone, and something is kept")
	}
	writeFile(t, kept, strings.Replace(out, `"version": 1`, `"version": 2`, 1))
	c.follow(t, "json", kept).fail(t, 1, "newer")
	writeFile(t, kept, strings.Replace(out, `"version": 1`, `"version": 0`, 1))
	c.follow(t, "json", kept).fail(t, 1, "older")
	writeFile(t, kept, out[:len(out)/2])
	c.follow(t, "json", kept).fail(t, 1, "results.json")
}

func TestReportRefusals(t *testing.T) {
	c := withRuns(t)
	writeFile(t, filepath.Join(c.cmd.Dir, "results", "20260102T030405Z-c", "doctor.json"), "{")
	writeFile(t, filepath.Join(c.cmd.Dir, "results", "20260102T030405Z-c", "bench.txt"), "BenchmarkX/impl=mutex-1 1 3 ns/op\n")
	writeFile(t, filepath.Join(c.cmd.Dir, "broken"), "BenchmarkX-1 many 3 ns/op\n")
	writeFile(t, filepath.Join(c.cmd.Dir, "half"), "BenchmarkX-1 1 3 ns")
	for _, verb := range []string{"report", "json", "serve"} {
		c.follow(t, verb, "a", "b").fail(t, 2, "one folder")
		c.follow(t, verb, "missing").fail(t, 1, "no such file")
		c.follow(t, verb, "").fail(t, 2, "empty file name")
		c.follow(t, verb, "broken").fail(t, 1, "not in the benchmark format")
		c.follow(t, verb, "half").fail(t, 1, "no benchmark lines")
		c.follow(t, verb, "--nonsense").fail(t, 2, "unknown flag --nonsense")
		c.follow(t, verb, "results/20260102T030405Z-c").fail(t, 1, "doctor.json")
		command(t, "fake", "", verb).refused(t, 1, "no results yet")
	}
	c.follow(t, "report", "--out=").fail(t, 2, "not the name of a file")
	c.follow(t, "report", "--out", "results").fail(t, 1, "it is a folder")
	c.follow(t, "serve", "--port", "65536").fail(t, 2, "65535")
	c.follow(t, "serve", "--port", "NaN").fail(t, 2, "65535")
	c.follow(t, "history", "x").fail(t, 2, "no argument")
	if _, err := os.Stat("/dev/full"); err == nil {
		c.follow(t, "report", "--out", "/dev/full").fail(t, 1, "/dev/full: no space left")
	}
}

// TestHistoryRefusals: a listed run that isn't there, or can't be read, changes nothing.
func TestHistoryRefusals(t *testing.T) {
	c := withRuns(t, "history")
	if out := c.succeed(t); out != "results/index.json\nresults/history.html\n" {
		t.Errorf("printed %q", out)
	}
	index := fileText(t, filepath.Join(c.cmd.Dir, "results", "index.json"))
	if err := os.RemoveAll(filepath.Join(c.cmd.Dir, filepath.FromSlash(run1))); err != nil {
		t.Fatal(err)
	}
	c.follow(t, "history").fail(t, 1, "20260102T030405Z-a")
	writeFile(t, filepath.Join(c.cmd.Dir, "results", "README.md"), "no marks\n")
	c.follow(t, "history").fail(t, 1, "not one pair of marks")
	if fileText(t, filepath.Join(c.cmd.Dir, "results", "index.json")) != index {
		t.Error("a refusal changes the index")
	}
}

// TestServe: the page and its files on this machine, nothing else, until an interrupt, which is no failure.
func TestServe(t *testing.T) {
	c := withRuns(t, "history")
	c.succeed(t)
	s := c.follow(t, "serve", run1)
	s.cmd.Stdout = nil
	pipe, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	defer func() {
		if !ended {
			_ = s.cmd.Process.Kill()
			_ = s.cmd.Wait()
		}
	}()
	url, err := bufio.NewReader(pipe).ReadString('\n')
	url = strings.TrimSuffix(url, "\n")
	if err != nil || !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Fatalf("printed %q, %v: %s", url, err, s.err.String())
	}
	client := &http.Client{Timeout: 20 * time.Second}
	get := func(path, host string) (int, string) {
		q, err := http.NewRequest(http.MethodGet, url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			q.Host = host
		}
		answer, err := client.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	for path, want := range map[string]string{
		"": "2026-01-02", "bench.txt": "BenchmarkX/impl=lockfree-1 ", "charts/headline.svg": "<svg", "history.html": "2 committed runs",
		"20260203T030405Z-b/tables.txt": "tables of 2026",
	} {
		if code, body := get(path, ""); code != 200 || !strings.Contains(body, want) {
			t.Errorf("%q answers %d without %q", path, code, want)
		}
	}
	if code, _ := get("README.md", ""); code != 404 {
		t.Errorf("a file beside it answers %d", code)
	}
	if code, _ := get("", "attacker.example"); code != 421 {
		t.Errorf("another host's name is answered with %d", code)
	}
	// A port that is taken is a clear refusal.
	port := url[strings.LastIndexByte(strings.TrimSuffix(url, "/"), ':')+1:]
	c.follow(t, "serve", run1, "--port", strings.TrimSuffix(port, "/")).fail(t, 1, "choose another --port")

	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Skipf("an interrupt cannot be sent here: %v", err)
	}
	ended = true
	if code := exit(t, s.cmd.Wait()); code != 0 || strings.Contains(s.err.String(), "benchstat.sh: ") {
		t.Errorf("an interrupt ends it with %d: %s", code, s.err.String())
	}
	if _, err := client.Get(url); err == nil {
		t.Error("it answers after its end")
	}
}

// TestFullDisk: a folder with no room for the page keeps what it has. A small file system would need the rights to mount
// one; a limit on the size of files does the same.
func TestFullDisk(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("needs bash, whose ulimit makes files small")
	}
	c := withRuns(t, "report", run1)
	page := filepath.Join(c.cmd.Dir, filepath.FromSlash(run1), "report.html")
	writeFile(t, page, "the page before")
	c.cmd.Args = append([]string{"bash", "-c", `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`}, append([]string{c.cmd.Path}, c.cmd.Args[1:]...)...)
	c.cmd.Path = shell
	c.fail(t, 1, "report.html")
	if fileText(t, page) != "the page before" {
		t.Error("the page before is gone")
	}
}

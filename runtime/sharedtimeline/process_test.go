package sharedtimeline

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A process is the test binary in a role. It is killed and waited for when the test ends, and ends itself when the test
// binary has gone: its standard input ends.
type process struct {
	t     testing.TB
	c     *exec.Cmd
	in    io.WriteCloser
	out   *os.File
	said  bytes.Buffer // on standard error
	ended bool
}

// start starts a process in a role: a name and its arguments, without spaces.
func start(t testing.TB, files []*os.File, role ...any) *process {
	t.Helper()
	return startBinary(t, must(os.Executable()), files, role...)
}

func startBinary(t testing.TB, binary string, files []*os.File, role ...any) *process {
	t.Helper()
	p := &process{t: t, c: exec.Command(binary)}
	p.c.Env = append(os.Environ(), roleVariable+"="+strings.TrimSpace(fmt.Sprintln(role...)))
	p.c.ExtraFiles = files
	p.c.Stderr = &p.said
	p.in = must(p.c.StdinPipe())
	p.out = must(p.c.StdoutPipe()).(*os.File)
	if err := p.c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

// line is a line that the process prints.
func (p *process) line() string {
	p.t.Helper()
	_ = p.out.SetReadDeadline(time.Now().Add(60 * time.Second))
	var line []byte
	for b := make([]byte, 1); ; {
		if _, err := p.out.Read(b); err != nil {
			p.kill()
			p.t.Fatalf("%v: %v after %q; it said:\n%s", p.role(), err, line, p.said.String())
		}
		if b[0] == '\n' {
			return string(line)
		}
		line = append(line, b[0])
	}
}

func (p *process) role() string { return p.c.Env[len(p.c.Env)-1] }

// kill kills it by SIGKILL, and waits for its end.
func (p *process) kill() {
	if p.ended {
		return
	}
	p.ended = true
	_ = p.c.Process.Kill()
	_ = p.c.Wait()
}

// roles are what other processes do, by name. The arguments are in a.
var roles = map[string]func(a []string) error{
	"writer":  writerRole,
	"sleeper": sleeperRole,
	"hostile": hostileRole,
	"pong":    pongRole,
	"echo":    echoRole,
	"woken":   wokenRole,
}

func play(role string) error {
	a := strings.Fields(role)
	f := roles[a[0]]
	if f == nil {
		return fmt.Errorf("there is no such role")
	}
	if a[0] != "echo" { // who reads its standard input itself ends with it
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(0) // nobody is there any more
		}()
	}
	return f(a[1:])
}

func number(s string) uint64 { return must(strconv.ParseUint(s, 0, 64)) }

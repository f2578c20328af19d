package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fencert/fencert/bench/internal/doctor"
	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/quiet"
	"github.com/fencert/fencert/bench/internal/sample"
)

// asMain makes the test binary the program itself, with a fake suite or with a real one.
// Neither waits for a quiet machine nor rejects for what others do: tests run side by
// side. behaving tells how the fake goes wrong.
const (
	asMain   = "FENCEBENCH_TEST_MAIN"
	behaving = "FENCEBENCH_TEST_FAKE"
)

// hog keeps a processor busy for a while, on systems where it can stay on one.
var hog = func() {}

func TestMain(m *testing.M) {
	if kind := os.Getenv(asMain); kind != "" {
		if kind == "hog" {
			hog()
			return
		}
		a := newApp()
		a.gate = openGate{}
		a.examine = func() []doctor.Finding {
			return []doctor.Finding{
				{Name: "governor", State: doctor.Bad, Detail: "the governor <b>naps</b>", Mend: "wake it"},
				{Name: "smt", State: doctor.Unknown, Detail: "this system doesn't tell"},
			}
		}
		a.build = buildFake
		if kind == "real" {
			a.build = buildUnwatched
		}
		os.Exit(start(a))
	}
	os.Exit(m.Run())
}

type openGate struct{}

func (openGate) Pass(ctx context.Context) (quiet.Report, error) {
	return quiet.Report{State: quiet.Quiet}, ctx.Err()
}

func buildUnwatched(ctx context.Context, repo, binary string) (suite, error) {
	s, err := buildSuite(ctx, repo, binary)
	if b, ok := s.(*sample.Binary); ok {
		b.Root = nil
	}
	return s, err
}

// A fakeSuite makes up its measurements.
type fakeSuite struct {
	speed float64
	taken int
}

var errCompiler = errors.New("go test -c ./bench: exit status 1\n    bench/x.go:1: undefined: y")

// buildFake writes a binary that is as fast as the file "speed" of the checkout says. One that isn't
// there is 1.
func buildFake(_ context.Context, repo, binary string) (suite, error) {
	if os.Getenv(behaving) == "build" {
		return nil, errCompiler
	}
	f := &fakeSuite{speed: 1}
	text, err := os.ReadFile(filepath.Join(repo, "speed"))
	if err == nil {
		if f.speed, err = strconv.ParseFloat(strings.TrimSpace(string(text)), 64); err != nil {
			return nil, err
		}
	}
	return f, os.WriteFile(binary, text, 0o666)
}

func (f *fakeSuite) List(_ context.Context, pattern string) ([]plan.Row, error) {
	if strings.Contains(pattern, "AtomicAdd") {
		return []plan.Row{"BenchmarkAtomicAdd/impl=limit"}, nil
	}
	var rows []plan.Row
	if strings.Contains(pattern, "Lifecycle") || pattern == "." {
		for _, impl := range []string{"mutex", "lockfree", "channel"} {
			rows = append(rows, plan.Row("BenchmarkLifecycle/callbacks=1/impl="+impl))
		}
	}
	return rows, nil
}

func (f *fakeSuite) Take(ctx context.Context, item plan.Item, d time.Duration) (sample.Sample, error) {
	select {
	case <-ctx.Done():
		return sample.Sample{}, ctx.Err()
	case <-time.After(d):
	}
	f.taken++
	if os.Getenv(behaving) == "fail" && f.taken == 4 {
		return sample.Sample{}, fmt.Errorf("%s: %w:\n    wrong count", item.Row, sample.ErrBench)
	}
	s := sample.Sample{CPUs: 1, Want: 1}
	if os.Getenv(behaving) == "starve" {
		s.CPUs = 0.5
	}
	ns := float64(len(item.Row.Impl())) + float64(f.taken%7)/100
	if item.Row.Impl() == "lockfree" || os.Getenv(behaving) == "drift" {
		ns *= f.speed
	}
	s.Line = fmt.Sprintf("%s-%d 100 %.3f ns/op 1 cpus 0 B/op 0 allocs/op", item.Row, item.CPUs, ns)
	return s, nil
}

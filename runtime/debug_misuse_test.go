package fencert

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestMisuseText(t *testing.T) {
	m := Misuse{Kind: MisuseWait, Text: "what", Stacks: []MisuseStack{{Title: "here", Goroutine: 7}, {Title: "there"}}}
	want := "fencert: misuse: waiting where a fence must be signaled: what\n  here, on goroutine 7:\n  there:"
	if m.String() != want {
		t.Errorf("%q", m.String())
	}
	var e error = &MisuseError{m}
	if e.Error() != want || !errors.Is(e, ErrMisuse) || errors.Is(e, ErrSignaled) || MisuseKind(99).String() != "misuse 99" {
		t.Errorf("%v", e)
	}
}

// TestMisuseIsDocumented: each kind stands in the table by its words and its name.
func TestMisuseIsDocumented(t *testing.T) {
	b, err := os.ReadFile("../docs/debugging.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(b)) {
		if strings.Contains(line, "| `Misuse") {
			rows++
		}
	}
	if rows != len(misuseKinds)-1 {
		t.Errorf("%d rows for %d kinds", rows, len(misuseKinds)-1)
	}
	for k := MisuseKind(1); int(k) < len(misuseKinds); k++ {
		if k.String() == "" || !strings.Contains(string(b), "\n| "+k.String()+" | `Misuse") {
			t.Errorf("no row for %v", k)
		}
	}
}

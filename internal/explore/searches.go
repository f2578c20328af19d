//go:build explore

package explore

import (
	"os"
	"strings"
	"testing"
)

// LongVariable names the environment variable that asks for searches of minutes, as `make explore-long` does: 1.
const LongVariable = "FENCERT_EXPLORE_LONG"

// Searches is Test with each of the options, in a subtest named after them.
func Searches(t *testing.T, options []Options, scenario func(*Scenario)) {
	t.Helper()
	for _, o := range options {
		t.Run(o.name(), func(t *testing.T) { Test(t, o, scenario) })
	}
}

// WhenLong is the options when LongVariable is set, else none: for Searches.
func WhenLong(options ...Options) []Options {
	if os.Getenv(LongVariable) != "1" {
		return nil
	}
	return options
}

// name is the bound in a word.
func (o Options) name() string {
	return strings.NewReplacer(",", "", " ", "-").Replace(o.kind())
}

func (o Options) kind() string {
	kind := o.bound()
	switch o.Mode {
	case Exhaustive:
		kind = "exhaustive"
	case Random:
		kind = "random"
	}
	if o.StoreBuffers && o.Mode != Bounded {
		kind += ", with store buffers"
	}
	return kind
}

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// sources are the files that mechanical faults are made in, by package; without an entry, all.
var sources = map[string][]string{
	"runtime": {"arm.go", "signal.go", "callback.go", "run.go", "hold.go", "waiter.go", "waiter_wake.go", "wait.go", "wait_park.go",
		"wait_group.go", "done.go", "enable.go", "deadline.go", "timestamp.go", "context_close.go", "close.go", "retired.go",
		"shared.go", "publish.go", "result.go", "table.go", "timeline_advance.go", "timeline_callback.go",
		"timeline_deliver.go", "timeline_close.go", "fence.go"},
}

// generate makes every mechanical fault of a package.
func generate(root, folder string) (all []*fault, err error) {
	names := sources[folder]
	if names == nil {
		list, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*.go"))
		if err != nil {
			return nil, err
		}
		for _, name := range list {
			if !strings.HasSuffix(name, "_test.go") && !elsewhere(name) {
				names = append(names, filepath.Base(name))
			}
		}
	}
	for _, name := range names {
		f := fault{file: folder + "/" + name}
		text, err := f.source(root)
		if err != nil {
			return nil, err
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		g := generator{file: f.file, text: text, set: set}
		ast.Inspect(parsed, g.visit)
		all = append(all, g.faults...)
	}
	return all, nil
}

// elsewhere tells whether a file isn't part of the builds that the checks make, or only of one.
func elsewhere(name string) bool {
	b, err := os.ReadFile(name)
	return err != nil || strings.HasPrefix(string(b), "//go:build") || strings.HasSuffix(name, "_linux.go")
}

// A generator makes the faults of one file.
type generator struct {
	file, text string
	set        *token.FileSet
	function   string
	faults     []*fault
}

// The kinds of mechanical faults.
const (
	negated  = "comparison negated"
	moved    = "bound moved"
	reloaded = "CAS expects what is there"
	stored   = "CAS is a store"
	swapped  = "neighbouring atomics swapped"
	unlooked = "look left out"
	undone   = "atomic left out"
)

var kinds = []string{negated, moved, reloaded, stored, swapped, unlooked, undone}

// negations and bounds are what an operator becomes.
var (
	negations = map[token.Token]string{token.EQL: "!=", token.NEQ: "==", token.LSS: ">=", token.LEQ: ">", token.GTR: "<=", token.GEQ: "<"}
	bounds    = map[token.Token]string{token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">"}
)

func (g *generator) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		g.function = n.Name.Name
	case *ast.GenDecl:
		return n.Tok == token.VAR // a constant's comparison is none at run time
	case *ast.BinaryExpr:
		g.compare(n)
	case *ast.CallExpr:
		g.swap(n)
	case *ast.IfStmt:
		if looks(n.Cond) || n.Init != nil && looks(n.Init) {
			g.add(unlooked, n.Cond, edit{g.at(n.Cond.Pos()), g.at(n.Cond.End()), "false && (" + g.of(n.Cond) + ")"})
		}
	case *ast.BlockStmt:
		g.statements(n.List)
	case *ast.CaseClause:
		g.statements(n.Body)
	}
	return true
}

func (g *generator) compare(n *ast.BinaryExpr) {
	from := g.at(n.OpPos)
	to := from + len(n.Op.String())
	if s := negations[n.Op]; s != "" {
		g.add(negated, n, edit{from, to, s})
	}
	if s := bounds[n.Op]; s != "" {
		g.add(moved, n, edit{from, to, s})
	}
}

// swap makes the faults of a compare-and-swap.
func (g *generator) swap(n *ast.CallExpr) {
	s, ok := n.Fun.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != "CompareAndSwap" || len(n.Args) != 2 {
		return
	}
	word := g.of(s.X)
	g.add(reloaded, n, edit{g.at(n.Args[0].Pos()), g.at(n.Args[0].End()), word + ".Load()"})
	// The value that was expected stays used.
	g.add(stored, n, edit{g.at(n.Pos()), g.at(n.End()),
		fmt.Sprintf("func() bool { _ = %s; %s.Store(%s); return true }()", g.of(n.Args[0]), word, g.of(n.Args[1]))})
}

// statements makes the faults of those that stand side by side.
func (g *generator) statements(list []ast.Stmt) {
	for k, s := range list {
		if e, ok := s.(*ast.ExprStmt); ok && atomics(s) {
			g.add(undone, e, edit{g.at(s.Pos()), g.at(s.End()), ""})
		}
		if k == 0 || !atomics(s) || !atomics(list[k-1]) || g.needs(s, list[k-1]) {
			continue
		}
		b := list[k-1]
		g.add(swapped, b, edit{g.at(b.Pos()), g.at(b.End()), g.of(s)}, edit{g.at(s.Pos()), g.at(s.End()), g.of(b)})
	}
}

// needs tells whether a statement uses a name that the other one, before it, declares.
func (g *generator) needs(s, before ast.Stmt) bool {
	a, ok := before.(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE {
		return false
	}
	found := false
	ast.Inspect(s, func(n ast.Node) bool {
		if i, ok := n.(*ast.Ident); ok {
			for _, l := range a.Lhs {
				if d, ok := l.(*ast.Ident); ok && d.Name == i.Name {
					found = true
				}
			}
		}
		return true
	})
	return found
}

// add notes a fault, whose place is told by the line where n begins.
func (g *generator) add(kind string, n ast.Node, edits ...edit) {
	at := g.at(n.Pos())
	begin, end := strings.LastIndexByte(g.text[:at], '\n')+1, len(g.text)
	if k := strings.IndexByte(g.text[at:], '\n'); k >= 0 {
		end = at + k
	}
	line, _, _ := strings.Cut(g.text[begin:end], " // ")
	g.faults = append(g.faults, &fault{
		name: fmt.Sprintf("%s:%d: %s", g.file, g.set.Position(n.Pos()).Line, kind),
		file: g.file, kind: kind, where: g.function + ": " + strings.TrimSpace(line), edits: edits, plain: true,
	})
}

func (g *generator) at(p token.Pos) int   { return g.set.Position(p).Offset }
func (g *generator) of(n ast.Node) string { return g.text[g.at(n.Pos()):g.at(n.End())] }

// looks tells whether a load stands in it.
func looks(n ast.Node) bool { return calls(n, "Load", "Signaled", "Open") }

// atomics tells whether an atomic operation stands in it, or what leads to one.
func atomics(n ast.Node) bool {
	return calls(n, "Load", "Store", "Add", "Swap", "CompareAndSwap", "StoreRelease32", "StoreRelease64", "Wake", "Put", "Take",
		"Set", "wake", "wakeAll", "dispatch", "fire", "drop", "release")
}

// calls tells whether one of these is called in it, but not in a function that it makes.
func calls(n ast.Node, names ...string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return !found
		}
		called := ""
		switch f := c.Fun.(type) {
		case *ast.SelectorExpr:
			called = f.Sel.Name
		case *ast.Ident:
			called = f.Name
		}
		for _, name := range names {
			found = found || called == name
		}
		return !found
	})
	return found
}

package main

import (
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os/exec"
	"path"
	"path/filepath"
	"testing"
)

// TestFaultsCompile: the compiler takes what each of them makes of its file. Faults of different files are tried together.
func TestFaultsCompile(t *testing.T) {
	if raceEnabled {
		t.Skip("it has one goroutine, and takes minutes under the race detector")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command isn't on PATH, and the packages that these import are found through it")
	}
	set := token.NewFileSet()
	imports := importer.ForCompiler(set, "source", nil)
	for _, folder := range packages {
		p, err := build.ImportDir(filepath.Join(root, filepath.FromSlash(folder)), 0)
		if err != nil {
			t.Fatal(err)
		}
		todo := map[string][]*fault{}
		rounds := 1
		for _, f := range named() {
			if f.folder() == folder {
				name := path.Base(f.file)
				todo[name] = append(todo[name], f)
				rounds = max(rounds, len(todo[name]))
			}
		}
		for k := range rounds {
			var files []*ast.File
			tried := map[string]*fault{}
			for _, name := range p.GoFiles {
				f := &fault{name: "no fault", file: folder + "/" + name, edits: []edit{}}
				if k < len(todo[name]) {
					f = todo[name][k]
				}
				tried[name] = f
				text, err := f.mutant(root)
				if err != nil {
					t.Fatal(err)
				}
				parsed, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
				if err != nil {
					t.Fatal(err)
				}
				files = append(files, parsed)
			}
			config := types.Config{Importer: imports, Error: func(err error) {
				if e, ok := err.(types.Error); ok {
					t.Errorf("%s: %s: %v", folder, tried[set.Position(e.Pos).Filename].name, err)
				}
			}}
			_, _ = config.Check(p.ImportPath, set, files, nil) // Error has been told
		}
	}
}

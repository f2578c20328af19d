package projecttest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// withoutExample are the public packages that are shown by something other than an
// Example of their own.
var withoutExample = map[string]string{
	"bench": "its benchmarks show how it is used",
}

// TestPackageComments: every package says what it is for, and every public one shows it.
func TestPackageComments(t *testing.T) {
	for _, p := range list(t, "./...") {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.short())
		}
		if p.Name == "main" || strings.Contains(p.ImportPath+"/", "/internal/") || withoutExample[p.short()] != "" {
			continue
		}
		if n := examples(t, p); n == 0 {
			t.Errorf("%s has no Example", p.short())
		}
	}
}

// examples counts the examples of a package.
func examples(t *testing.T, p goPackage) int {
	t.Helper()
	n := 0
	for _, name := range append(p.TestGoFiles, p.XTestGoFiles...) {
		for _, d := range parse(t, filepath.Join(p.Dir, name)).Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Example") {
				n++
			}
		}
	}
	return n
}

func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestExportedComments: every exported symbol of the core packages has a comment, on every
// system.
func TestExportedComments(t *testing.T) {
	checked := 0
	for _, c := range core {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(c), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			for _, d := range parse(t, path).Decls {
				checked++
				for _, name := range uncommented(d) {
					t.Errorf("%s: %s has no comment", filepath.ToSlash(path), name)
				}
			}
		}
	}
	if checked == 0 {
		t.Error("no declaration was looked at")
	}
}

// uncommented returns the exported names of a declaration that no comment speaks of.
func uncommented(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && receiverExported(d) && !wellKnown(d) {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
					names = append(names, s.Name.Name)
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}

// wellKnown methods say all by their name.
func wellKnown(d *ast.FuncDecl) bool {
	return d.Recv != nil && (d.Name.Name == "Error" || d.Name.Name == "String")
}

func receiverExported(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	e := d.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

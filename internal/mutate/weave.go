package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// To build the tests of a package takes longer than to run the one that notices. So faults are woven: a function gets a
// copy for each fault in it, with that fault, and begins by asking which copy to be. One build then serves them all, and
// the environment says which fault it has, if any. A fault outside of functions, or in one that can't be called under
// another name, is built by itself; so is one whose copy the compiler refuses, which then says why.

// wovenVariable says to what was woven which fault it has: its number.
const wovenVariable = "FENCERT_FAULT"

// wovenName is the variable that copies are chosen by.
const wovenName = "fencertFault"

// A weave is sources with many faults.
type weave struct {
	files  map[string]string // what stands in place of which file, from the root
	number map[*fault]int    // of those that are in
	spans  map[string][]span // by file, which lines are of which fault
}

type span struct {
	from, to int
	fault    *fault
}

// weaveAll puts in all faults that can be, but for those in out. A fault has the same number whatever is left out.
func weaveAll(root string, faults []*fault, out map[*fault]bool) (weave, error) {
	w := weave{files: map[string]string{}, number: map[*fault]int{}, spans: map[string][]span{}}
	byFile := map[string][]*fault{}
	numbers := map[*fault]int{}
	for k, f := range faults {
		if numbers[f] = k + 1; !out[f] {
			byFile[f.file] = append(byFile[f.file], f)
		}
	}
	for file, list := range byFile {
		text, err := list[0].source(root)
		if err != nil {
			return w, err
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, text, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return w, err
		}
		l := loom{text: text, offset: func(p token.Pos) int { return set.Position(p).Offset }, file: parsed, insert: map[int]string{}}
		for _, f := range list {
			changed, err := f.mutant(root)
			if err != nil {
				return w, err
			}
			if l.add(changed, numbers[f]) {
				w.number[f] = numbers[f]
				l.faults = append(l.faults, f)
			}
		}
		if len(l.faults) == 0 {
			continue
		}
		var spans []span
		w.files[file], spans = l.result()
		w.spans[file] = spans
		folder := list[0].folder()
		w.files[folder+"/fencert_fault.go"] = fmt.Sprintf("package %s\n\nimport (\n\t\"os\"\n\t\"strconv\"\n)\n\nvar %s, _ = strconv.Atoi(os.Getenv(%q))\n",
			parsed.Name.Name, wovenName, wovenVariable)
	}
	return w, nil
}

// A loom weaves one file.
type loom struct {
	text   string
	offset func(token.Pos) int
	file   *ast.File
	insert map[int]string // what to put in behind the opening brace at that offset
	faults []*fault
	copies []string
}

// add puts in one fault, given the whole file with it.
func (l *loom) add(changed string, number int) bool {
	from, to, end := difference(l.text, changed)
	for _, d := range l.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil || from <= l.offset(f.Body.Lbrace) || to > l.offset(f.Body.Rbrace) {
			continue
		}
		other := fmt.Sprintf("%sFault%d", f.Name.Name, number)
		call, ok := callOf(f, other)
		if !ok {
			return false
		}
		if f.Type.Results != nil {
			call = "return " + call
		} else {
			call += "; return"
		}
		l.insert[l.offset(f.Body.Lbrace)] += fmt.Sprintf(" if %s == %d { %s }; ", wovenName, number, call)
		name := l.offset(f.Name.End())
		l.copies = append(l.copies, l.text[l.offset(f.Pos()):l.offset(f.Name.Pos())]+other+l.text[name:from]+changed[from:end]+l.text[to:l.offset(f.End())])
		return true
	}
	return false
}

// difference is where a and b differ: a[from:to] has become b[from:end].
func difference(a, b string) (from, to, end int) {
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	to, end = len(a), len(b)
	for to > from && end > from && a[to-1] == b[end-1] {
		to--
		end--
	}
	return from, to, end
}

// callOf is a call of f under another name, with its own parameters.
func callOf(f *ast.FuncDecl, name string) (string, bool) {
	if f.Type.TypeParams != nil || f.Name.Name == "init" || f.Name.Name == "main" {
		return "", false
	}
	if f.Recv != nil {
		names := f.Recv.List[0].Names
		if len(names) == 0 || names[0].Name == "_" {
			return "", false
		}
		name = names[0].Name + "." + name
	}
	var args []string
	for _, p := range f.Type.Params.List {
		if len(p.Names) == 0 {
			return "", false
		}
		for _, n := range p.Names {
			arg := n.Name
			if arg == "_" {
				return "", false
			}
			if _, many := p.Type.(*ast.Ellipsis); many {
				arg += "..."
			}
			args = append(args, arg)
		}
	}
	return name + "(" + strings.Join(args, ", ") + ")", true
}

// result is the file, and which of its lines are whose.
func (l *loom) result() (string, []span) {
	places := make([]int, 0, len(l.insert))
	for p := range l.insert {
		places = append(places, p)
	}
	slices.Sort(places)
	var b strings.Builder
	done := 0
	for _, p := range places {
		b.WriteString(l.text[done : p+1])
		b.WriteString(l.insert[p])
		done = p + 1
	}
	b.WriteString(l.text[done:])
	var spans []span
	line := strings.Count(b.String(), "\n") + 1
	for k, c := range l.copies {
		b.WriteString("\n" + c + "\n")
		n := strings.Count(c, "\n") + 2
		spans = append(spans, span{line, line + n, l.faults[k]})
		line += n
	}
	return b.String(), spans
}

var complaint = regexp.MustCompile(`(?m)^(\S+\.go):(\d+):\d+: `)

// blamed are the faults in whose copies the compiler has found something.
func (w *weave) blamed(problem string) (list []*fault) {
	for _, m := range complaint.FindAllStringSubmatch(problem, -1) {
		line, _ := strconv.Atoi(m[2])
		for file, spans := range w.spans {
			if at := filepath.Base(filepath.FromSlash(m[1])); at != filepath.Base(file) && at != overlaid(file) {
				continue
			}
			for _, s := range spans {
				if s.from < line && line <= s.to {
					list = append(list, s.fault)
				}
			}
		}
	}
	return list
}

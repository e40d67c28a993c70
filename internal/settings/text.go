package settings

import (
	"flag"
	"fmt"
	"strings"
)

// help writes what a command takes, from the table.
func help(fs *flag.FlagSet) {
	out := fs.Output()
	fmt.Fprintf(out, "Usage: threerings %s [flags]\n\n", fs.Name())
	ours := map[string]bool{"config": true}
	for _, f := range table {
		ours[f.flag()] = true
	}
	fs.VisitAll(func(f *flag.Flag) {
		if !ours[f.Name] {
			value, usage := flag.UnquoteUsage(f)
			fmt.Fprintf(out, "  --%s\n        %s\n", strings.TrimSpace(f.Name+" "+value), usage)
		}
	})
	fmt.Fprintf(out, "  --config FILE\n        YAML file with any of the settings below; environment %s\n", ConfigVariable)
	for _, f := range table {
		fmt.Fprintf(out, "  --%s %s\n        %s\n        in the file %s, environment %s", f.flag(), f.kind, f.doc, f.key, f.variable())
		if f.env != "" {
			fmt.Fprintf(out, " or %s", f.env)
		}
		if f.def != "" {
			fmt.Fprintf(out, ", default %s", f.def)
		}
		fmt.Fprintln(out)
	}
}

const exampleHead = `# threerings.yaml: settings of one process. What the house is (queues, agents,
# numbers) stands in centre.yaml.
#
#   threerings serve --config threerings.yaml
#
# Every key is here with its default; empty means what the comment says, or "not
# set". The variable named beside a key wins over this file, and the flag (http.addr:
# --http-addr) over both. "threerings doctor" tells whether all of it can work.
`

// Example is examples/threerings.yaml.
func Example() []byte {
	var b strings.Builder
	b.WriteString(exampleHead)
	group := ""
	for _, f := range table {
		name, key, nested := strings.Cut(f.key, ".")
		indent := ""
		switch {
		case !nested:
			name, key = "", f.key
		default:
			indent = "  "
		}
		if name != group || !nested {
			b.WriteString("\n")
		}
		if nested && name != group {
			fmt.Fprintf(&b, "%s:\n", name)
		}
		group = name
		variables := f.variable()
		if f.env != "" {
			variables += " or " + f.env
		}
		value := f.def
		switch {
		case value == "":
			value = `""`
		case f.kind == list:
			value = "[" + quote(value) + "]"
		}
		fmt.Fprintf(&b, "%s# %s (%s)\n%s%s: %s\n", indent, f.doc, variables, indent, key, value)
	}
	return []byte(b.String())
}

func quote(s string) string { return `"` + s + `"` }

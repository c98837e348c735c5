package history

import (
	"encoding/json"
	"fmt"
	"slices"

	"arengo/workflow/definition"
	"arengo/workflow/row"
)

// Titles are those of the states that an instance may have been in by definitions
// before the present one, which the migrations among the rows name: each by the
// last that knew it. resolve finds a definition.
func Titles(rows []row.Log, resolve func(name string, version int) (*definition.Compiled, error)) (map[string]definition.Text, error) {
	out := map[string]definition.Text{}
	for _, r := range slices.Backward(rows) {
		if r.Transition != definition.ActMigrate {
			continue
		}
		var m told
		if err := json.Unmarshal(r.Facts, &m); err != nil {
			return nil, fmt.Errorf("read migration %d: %w", r.Seq, err)
		}
		def, err := resolve(m.From.Definition, m.From.Version)
		if err != nil {
			return nil, err
		}
		for _, s := range def.States {
			if out[s.Name] == nil {
				out[s.Name] = s.Title
			}
		}
	}
	return out, nil
}

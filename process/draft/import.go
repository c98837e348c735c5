package draft

import (
	"context"

	"arengo/process"
	"arengo/process/fault"
	"arengo/workflow/definition"
	"arengo/workflow/definition/encode"
	"arengo/workflow/edit"
)

// MostBytes is how long a file to import may be.
const MostBytes = 256 << 10

// Import takes the phases of a file. Problems are all that is wrong with it, and
// what the law protects in the phases that the process runs and the file does
// not hold; then nothing is stored. Refusals: fault.Invalid at "file" ("editor.import_long",
// "editor.import_level" for the definition of an activity), and those of Edit.
func (s *Service) Import(ctx context.Context, id process.ID, who process.Actor, revision int64, file string, data []byte) (definition.Problems, error) {
	if len(data) > MostBytes {
		return nil, fault.Field("file", "editor.import_long", "max", MostBytes>>10)
	}
	c, problems := definition.Check(file, data, s.kinds())
	if problems != nil {
		return problems, nil
	}
	if c.Level != definition.LevelProcess {
		return nil, fault.Field("file", "editor.import_level")
	}
	lost, err := s.losses(ctx, id, c)
	if err != nil || lost != nil {
		return lost, err
	}
	written, err := encode.YAML(edit.Written(c.Definition))
	if err != nil {
		return nil, err
	}
	return nil, s.change(ctx, id, who, Change{Revision: revision, Act: "import", Subject: file}, func(Draft) (string, error) {
		return string(written), nil
	})
}

// losses are what a definition takes from the law in what a process runs.
func (s *Service) losses(ctx context.Context, id process.ID, c *definition.Compiled) (definition.Problems, error) {
	p, err := s.core.LoadProcess(ctx, s.core.DB(), id)
	if err != nil {
		return nil, err
	}
	base, _, err := s.core.Definition(ctx, s.core.DB(), p)
	if err != nil {
		return nil, err
	}
	return edit.Losses(base.Definition, c.Definition), nil
}

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/threerings/threerings/internal/centre"
)

// schema prints what editors need to complete and check a centre.yaml.
func schema(_ context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		return fmt.Errorf("takes no flags: run `threerings schema > centre.schema.json`, and begin centre.yaml with the line\n" +
			"# yaml-language-server: $schema=centre.schema.json")
	}
	text, err := centre.Schema()
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

// Package templates holds the HTML templates of the pages, embedded in the
// binary: layout.html, partial/<name>.html and <area>/<page>.html.
package templates

import "embed"

// FS is the tree of templates, rooted at this folder.
//
//go:embed *.html */*.html
var FS embed.FS

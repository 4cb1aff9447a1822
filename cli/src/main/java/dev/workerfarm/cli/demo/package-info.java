/** The article, section by section, on a running farm. */
@NullMarked
package dev.workerfarm.cli.demo;

import org.jspecify.annotations.NullMarked;

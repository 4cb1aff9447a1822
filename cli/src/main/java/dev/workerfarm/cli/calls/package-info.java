/** The commands that publish tasks and print their results. */
@NullMarked
package dev.workerfarm.cli.calls;

import org.jspecify.annotations.NullMarked;

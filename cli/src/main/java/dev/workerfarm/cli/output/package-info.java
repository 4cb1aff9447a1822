/** What commands print, and how they end. */
@NullMarked
package dev.workerfarm.cli.output;

import org.jspecify.annotations.NullMarked;

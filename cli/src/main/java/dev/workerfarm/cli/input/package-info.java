/** What commands read: numbers, lines, lists, types. */
@NullMarked
package dev.workerfarm.cli.input;

import org.jspecify.annotations.NullMarked;

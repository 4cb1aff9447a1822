/** JSON as the farm reads and writes it: bounded, exact numbers, no classes named by the input. */
@NullMarked
package dev.workerfarm.json;

import org.jspecify.annotations.NullMarked;

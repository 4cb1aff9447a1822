/** JSON as the farm reads and writes it: bounded, exact numbers, no classes named by the input. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.json;

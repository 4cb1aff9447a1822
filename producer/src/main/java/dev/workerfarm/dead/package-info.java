/** The dead letters of a farm: read, published again, thrown away. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.dead;

/** The dead letters of a farm: read, published again, thrown away. */
@NullMarked
package dev.workerfarm.dead;

import org.jspecify.annotations.NullMarked;

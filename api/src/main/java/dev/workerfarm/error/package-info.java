/** The farm's exceptions, split by what a caller can do about them. */
@NullMarked
package dev.workerfarm.error;

import org.jspecify.annotations.NullMarked;

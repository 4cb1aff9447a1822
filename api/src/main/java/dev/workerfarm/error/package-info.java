/** The farm's exceptions, split by what a caller can do about them. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.error;

/** The farm end to end, on real services. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.it;

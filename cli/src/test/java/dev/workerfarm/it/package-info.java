/** The farm end to end, on real services. */
@NullMarked
package dev.workerfarm.it;

import org.jspecify.annotations.NullMarked;

/** The producer's command line. */
@NullMarked
package dev.workerfarm.producer;

import org.jspecify.annotations.NullMarked;

/** What tasks and programs see of shared state: values, arrays and locks that all processes share. */
@NullMarked
package dev.workerfarm.shared;

import org.jspecify.annotations.NullMarked;

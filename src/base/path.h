/** File names as text: no function here touches the disk. */
#ifndef WS_BASE_PATH_H
#define WS_BASE_PATH_H

/** dir/name in a new string (free()), without a doubled slash; NULL when out of memory. */
char *ws_path_join(const char *dir, const char *name);

/** The part after the last slash: points into path. */
const char *ws_path_base(const char *path);

/** The last two parts, as in "yes/0a7c2a8d_nohash_0.wav", or all of it if there are no more: points
 *  into path. */
const char *ws_path_tail(const char *path);

/** The part before the last slash in a new string (free()); "." without a slash. */
char *ws_path_dir(const char *path);

#endif

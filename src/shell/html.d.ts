/** The bundler copies a page beside the program and gives its path, from there. */
declare module '*.html' {
  const path: string
  export default path
}

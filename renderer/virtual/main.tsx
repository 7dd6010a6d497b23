document.title = 'soon'
export {}
